package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errKept says that somebody answered no.
var errKept = errors.New("nothing was changed")

// confirm asks before data are lost, unless the flag says yes.
func (d *deps) confirm(ctx context.Context, what string, yes bool) error {
	if yes {
		return nil
	}
	return d.agree(ctx, []string{what}, "Go on?", errKept)
}

// agree says what is about to happen and asks for it; the answer no is declined. Where
// nobody can be asked, the command line has to say --yes.
func (d *deps) agree(ctx context.Context, what []string, question string, declined error) error {
	if !d.inTTY || !d.errTTY {
		return &usageError{text: strings.Join(what, "\n"), hint: "add --yes if that is what you want"}
	}
	d.sayLines("devbox: ", what)
	fmt.Fprint(d.err, question+" [y/N] ")
	answer, err := d.answer(ctx)
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil || !slices.Contains([]string{"y", "yes"}, strings.ToLower(answer)):
		return declined
	}
	return nil
}
