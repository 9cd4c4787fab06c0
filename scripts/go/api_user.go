// ApiUser in Go: what `scripts/wat/api_user.wat` does, written with the SDK.
package main

import (
	"time"

	"katydid"
)

type ApiUser struct{}

func init() {
	katydid.Register(katydid.User[ApiUser]{
		Host: "http://127.0.0.1:8877/",
		Wait: katydid.Between(100*time.Millisecond, time.Second),
		Tasks: []katydid.Task[ApiUser]{
			{Name: "get_time", Weight: 10, Run: (*ApiUser).getTime},
			{Name: "get_random_number", Weight: 5, Run: (*ApiUser).getRandomNumber},
		},
	})
}

func (user *ApiUser) getTime(client *katydid.Client) error {
	_, err := client.Call("get_time")
	return err
}

func (user *ApiUser) getRandomNumber(client *katydid.Client) error {
	_, err := client.Call("get_random_number", 0, 100)
	return err
}

func main() {}
