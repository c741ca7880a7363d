package project

import (
	"maps"
	"os"
	"strconv"
	"strings"
)

// LabelMounted is the label of an app's container that tells the folders of the host
// which it mounts from others that take their places later.
const LabelMounted = "dev.devbox.mounted"

// knowingMounts gives a service a label that tells the folders which it mounts from
// others under the same paths: a container keeps the one that it was started with, also
// when that was removed and, say, cloned anew. With another label it is made anew.
// Files count for nothing, since every editor replaces those.
func knowingMounts(s ComposeService) ComposeService {
	var folders []string
	for _, v := range s.Volumes {
		if info, err := os.Stat(v.Source); v.Type == "bind" && err == nil && info.IsDir() {
			if id, known := fileNumber(info); known {
				folders = append(folders, strconv.FormatUint(id, 10))
			}
		}
	}
	if len(folders) == 0 {
		return s
	}
	s.Labels = maps.Clone(s.Labels)
	if s.Labels == nil {
		s.Labels = map[string]string{}
	}
	s.Labels[LabelMounted] = strings.Join(folders, ",")
	return s
}
