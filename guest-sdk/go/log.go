package katydid

import (
	"log"
	"os"
	"strings"

	"katydid/internal/host"
)

// The functions of log, and those of log/slog, which write through them unless told otherwise, become lines of
// the host's log. It has times of its own. (A handler for slog would be half a megabyte in each scenario.)
func init() {
	log.SetFlags(0)
	log.SetOutput(logWriter{})
}

type logWriter struct{}

// levels are what slog's lines begin with.
var levels = map[string]host.Level{
	"DEBUG": host.Debug, "INFO": host.Info, "WARN": host.Warn, "ERROR": host.Error,
}

func (logWriter) Write(line []byte) (int, error) {
	message := strings.TrimSuffix(string(line), "\n")
	level := host.Info
	if first, rest, found := strings.Cut(message, " "); found {
		if named, is := levels[first]; is {
			level, message = named, rest
		}
	}
	if host.Current == nil {
		// A test of something else than a scenario.
		return os.Stderr.Write(line)
	}
	host.Current.Log(level, host.Fit(message))
	return len(line), nil
}
