package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// stateFormat is the form of what devbox keeps in the state folder. A version that
// keeps it in a form which this one would misread writes its number there; the
// first form is that without a number.
const (
	stateFormat     = "1"
	stateFormatFile = "format"
)

// StateFormatError says that a newer devbox has kept what this one cannot read.
type StateFormatError struct{ Has string }

func (e *StateFormatError) Error() string {
	return fmt.Sprintf("%s was written by a newer devbox (format %s, and this one knows %s): nothing was read or changed", StateDir, show(e.Has), stateFormat)
}

// Hint says how to go on.
func (e *StateFormatError) Hint() string {
	return "use that devbox here; to go on with this one, `devbox down` with that one and delete " + StateDir
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *StateFormatError) ProjectInvalid() bool { return true }

// checkStateFormat refuses a state folder of a newer form.
func checkStateFormat(root *os.Root) error {
	data, err := ReadFile(root, path.Join(StateDir, stateFormatFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// One that a crash has left empty says nothing.
	if has := strings.TrimSpace(string(data)); has != "" && has != stateFormat {
		return &StateFormatError{Has: has}
	}
	return nil
}
