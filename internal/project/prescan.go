package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/limit"
)

// Limits for YAML that somebody else wrote. compose-go takes 44 s and 37 GB for
// 18 KB that are nested 9,000 levels deep.
const (
	maxYAMLSize  = 1 << 20
	maxYAMLDepth = 100
)

// prescanYAML refuses YAML that is too large, nested too deep or broken, before
// anything walks its tree. An error of the parser names the line.
func prescanYAML(data []byte) error {
	if len(data) > maxYAMLSize {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, maxYAMLSize)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(limit.New(limit.DepthValue(maxYAMLDepth))))
	if err != nil {
		return fmt.Errorf("set up the YAML parser: %w", err)
	}
	for {
		// A node holds the text as it is; aliases are not followed.
		var doc yaml.Node
		switch err := loader.Load(&doc); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
