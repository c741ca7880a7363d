package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestPackagesThatAreNotInTheRegistryAskFirst(t *testing.T) {
	tests := []struct {
		name, input   string
		terminal, yes bool
		code          int
		adds, asks    bool
	}{
		{"yes at a terminal", "y\n", true, false, 0, true, true},
		{"yes in full", "YES\n", true, false, 0, true, true},
		{"no at a terminal", "n\n", true, false, 1, false, true},
		{"nothing at a terminal", "", true, false, 1, false, true},
		{"agreed beforehand", "", true, true, 0, true, false},
		{"no terminal", "y\n", false, false, 2, false, false},
		{"no terminal, agreed beforehand", "", false, true, 0, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			d := &deps{in: io.NopCloser(strings.NewReader(tt.input)), out: &stderr, err: &stderr, vars: map[string]string{}, inTTY: tt.terminal, errTTY: tt.terminal}
			ran := false
			cmd := newAddCmd(d, func(context.Context, packagesOptions) error { ran = true; return nil })
			args := []string{"express", "owner/repository", "./x.tgz"}
			if tt.yes {
				args = append(args, "--yes")
			}
			cmd.SetArgs(args)
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			err := cmd.ExecuteContext(t.Context())
			if codeOf(err) != tt.code || ran != tt.adds {
				t.Errorf("it ran: %v; %v, code %d", ran, err, codeOf(err))
			}
			asked := strings.Contains(stderr.String(), `"owner/repository" is taken from a git repository`) && strings.Contains(stderr.String(), "[y/N]")
			if asked != tt.asks || strings.Contains(stderr.String(), "express") {
				t.Errorf("it printed\n%s", stderr.String())
			}
			if tt.code == 1 && !errors.Is(err, errDeclined) {
				t.Error(err)
			}
		})
	}
}
