package volumes

import (
	"fmt"

	"github.com/devbox-node/devbox/internal/engine"
)

// giveScript gives what is in folders to a user. What is that user's already is
// not touched. An app at work may remove a file between its sight and its change,
// so what fails is tried again.
const giveScript = `set -e
user=$1
shift
give() { find "$1" ! -uid "${user%:*}" -exec chown -h "$user" {} +; }
for at; do
  give "$at" 2>/dev/null || give "$at" 2>/dev/null || give "$at"
  chmod u+rwx "$at"
done`

// GiveTask gives volumes, and all that is in them, to a user. A new one is root's
// until then.
func GiveTask(image, user string, names []string) engine.Task {
	t := engine.Task{
		Name: "make volumes writable", Image: image, User: "0:0", Capabilities: fileCapabilities,
		Command: []string{"/bin/sh", "-c", giveScript, "devbox-give", user},
	}
	for i, name := range names {
		at := fmt.Sprintf("/devbox-writes-%d", i)
		t.Mounts = append(t.Mounts, engine.Mount{Volume: name, Target: at})
		t.Command = append(t.Command, at)
	}
	return t
}
