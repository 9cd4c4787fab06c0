/** Something is wrong with the scenario; the message is for whoever wrote it. */
export class Refused extends Error {}
