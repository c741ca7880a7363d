package project

import (
	"maps"
	"os"
	"strconv"
)

// LabelMounted is the label of an app's container that tells the project's folder on
// the host, which it mounts, from another that takes its place later.
const LabelMounted = "dev.devbox.mounted"

// knowingMounts gives a service a label that tells the project's folder from others
// under the same path: a container keeps the one that it was started with, also when
// that was removed and, say, cloned anew. With another label it is made anew. Other
// mounts count for nothing: Docker makes the folders that are not there yet, and editors
// replace files.
func knowingMounts(s ComposeService) ComposeService {
	for _, v := range s.Volumes {
		if v.Type != "bind" || v.Target != AppDir {
			continue
		}
		info, err := os.Stat(v.Source)
		if err != nil {
			continue
		}
		if id, known := fileNumber(info); known {
			s.Labels = maps.Clone(s.Labels)
			if s.Labels == nil {
				s.Labels = map[string]string{}
			}
			s.Labels[LabelMounted] = strconv.FormatUint(id, 10)
		}
	}
	return s
}
