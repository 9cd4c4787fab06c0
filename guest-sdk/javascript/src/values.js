// What XML-RPC has and JavaScript has not.

/** A date and time of XML-RPC: a text, for XML-RPC names no time zone. */
export class DateTime {
  constructor(text) {
    this.text = String(text);
  }

  /** The date of this moment, told in UTC. */
  static from(date) {
    if (Number.isNaN(date.getTime())) throw new RangeError("an invalid Date");
    const text = date.toISOString();
    return new DateTime(text.slice(0, -5).replaceAll("-", ""));
  }

  /** The moment, if the target means UTC; an invalid Date where the text is none that ISO 8601 knows. */
  toDate() {
    const parts = /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d):?(\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(this.text);
    if (!parts) return new Date(NaN);
    const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = parts;
    return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`);
  }

  toString() {
    return this.text;
  }

  toJSON() {
    return this.text;
  }
}

/** A number that is sent as a double even where it is whole. */
export class Double {
  constructor(value) {
    this.value = Number(value);
  }

  valueOf() {
    return this.value;
  }
}
