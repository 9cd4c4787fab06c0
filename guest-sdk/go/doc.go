// Package katydid is for load scenarios in Go.
//
// A scenario registers its user classes when the program is initialized; the host then makes virtual users,
// picks their tasks, makes their calls and counts them.
//
//	type ApiUser struct{}
//
//	func (user *ApiUser) getTime(client *katydid.Client) error {
//		_, err := client.Call("get_time")
//		return err
//	}
//
//	func init() {
//		katydid.Register(katydid.User[ApiUser]{
//			Host:  "http://127.0.0.1:8877/",
//			Wait:  katydid.Between(100*time.Millisecond, time.Second),
//			Tasks: []katydid.Task[ApiUser]{{Name: "get_time", Run: (*ApiUser).getTime}},
//		})
//	}
//
//	func main() {}
//
// Each virtual user lives in an instance of the module that it shares with nobody: global variables are each
// user's own. README.md beside this file is the manual.
package katydid
