package project

// Identity decides who a development container runs as, so that files that it
// makes in the project folder belong to the folder's owner, uid and gid.
//
//   - On a rootless engine the container's root is the host's user, and every
//     other id is one of the host's subordinate ids: 0:0. The capabilities are
//     dropped, and on the host it can do no more than that user.
//   - On Docker Desktop the file sharing maps owners by itself, and the ids of
//     the host mean nothing in its VM: the image's plain user.
//   - Else the owner itself; in a folder of root's, the image's plain user,
//     because an app never runs as root.
func Identity(uid, gid int, rootless, desktop bool) (int, int) {
	switch {
	case rootless:
		return 0, 0
	case desktop, uid <= 0:
		return PlainUser, PlainUser
	}
	return uid, gid
}
