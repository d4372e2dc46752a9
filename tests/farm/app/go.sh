# Go: build a program, which is static, and run it: goroutines, a web server, a child process
# shellcheck shell=sh disable=SC2034,SC2016
packages='golang-go'
programs='go, (own, static)'
limit=240
prepare()
{
	printf 'pear\nfig\n' >a.txt
	printf 'owl\nbee\nant\n' >b.txt
	cat >main.go <<'END'
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
)

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	words := strings.Fields(string(data))
	l, err := net.Listen("unix", "sock")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			if c, err := l.Accept(); err == nil {
				io.WriteString(c, strings.Join(words, "+"))
				c.Close()
			}
		}
	}()
	got := make([]string, 8)
	var wait sync.WaitGroup
	for i := range got {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			c, _ := net.Dial("unix", "sock")
			text, _ := io.ReadAll(c)
			got[i] = fmt.Sprint(i, string(text))
		}(i)
	}
	wait.Wait()
	out, err := exec.Command("sort", "-r", os.Args[1]).Output()
	fmt.Println(got, string(out), err)
}
END
}
first='GO111MODULE=off GOCACHE=$PWD/cache go build -o prog main.go && ./prog a.txt'
second='GO111MODULE=off GOCACHE=$PWD/cache go build -o prog main.go && ./prog b.txt'
second_files='main.go b.txt'
