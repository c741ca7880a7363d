package watch

import "golang.org/x/sys/unix"

// silentTypes are file systems on which changes can be made that this machine's
// kernel never hears of: by another machine, by the host of a VM, or by a
// process behind FUSE.
var silentTypes = map[uint32]string{
	unix.NFS_SUPER_MAGIC:  "NFS",
	unix.SMB_SUPER_MAGIC:  "SMB",
	unix.SMB2_SUPER_MAGIC: "SMB",
	unix.CIFS_SUPER_MAGIC: "CIFS",
	unix.FUSE_SUPER_MAGIC: "FUSE",
	unix.V9FS_MAGIC:       "9p",
	unix.AFS_SUPER_MAGIC:  "AFS",
	unix.CEPH_SUPER_MAGIC: "Ceph",
	unix.CODA_SUPER_MAGIC: "Coda",
	0x786f4256:            "vboxsf",
	0xbacbacbc:            "vmhgfs",
	0x7c7c6673:            "prl_fs",
}

// fileSystemType returns statfs's magic number of the file system at path.
func fileSystemType(path string) (uint32, error) {
	var st unix.Statfs_t
	for {
		err := unix.Statfs(path, &st)
		if err == unix.EINTR {
			continue
		}
		return uint32(st.Type), err
	}
}
