package main

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/devbox-node/devbox/internal/checkout"
	"github.com/devbox-node/devbox/internal/session"
)

func TestAQuestionEndsWithItsContext(t *testing.T) {
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	d := &deps{in: in, out: io.Discard, err: io.Discard, inTTY: true, errTTY: true, vars: map[string]string{}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range map[string]error{
		"a loss of data":   d.confirm(ctx, "All will be lost.", false),
		"a package of git": d.checkSpecs(ctx, []string{"owner/repository"}, false),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestPruningDataAsks(t *testing.T) {
	with := session.CheckoutStatus{Checkout: checkout.Checkout{Name: "chat-x", Dir: "/x"}, Snapshots: []string{"s"}}
	for _, tt := range []struct {
		name string
		gone []session.CheckoutStatus
		o    checkoutsOptions
		asks bool
	}{
		{"data", []session.CheckoutStatus{with}, checkoutsOptions{data: true}, true},
		{"data, and told to", []session.CheckoutStatus{with}, checkoutsOptions{data: true, yes: true}, false},
		{"no data", []session.CheckoutStatus{{}}, checkoutsOptions{data: true}, false},
		{"data that stay", []session.CheckoutStatus{with}, checkoutsOptions{}, false},
	} {
		err := (&deps{}).confirmPrune(t.Context(), tt.gone, tt.o)
		if usage := new(usageError); errors.As(err, &usage) != tt.asks {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
