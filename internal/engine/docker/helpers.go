package docker

import (
	"errors"
	"strconv"

	"github.com/devbox-node/devbox/internal/engine"
)

func ignoreNotFound(err error) error {
	if errors.Is(err, engine.ErrNotFound) {
		return nil
	}
	return err
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func ptr[T any](v T) *T { return &v }

func quote(s string) string { return strconv.Quote(s) }
