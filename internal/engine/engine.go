// Package engine has the plain words in which the rest of devbox speaks of
// Docker: containers, images, volumes, progress and the kinds of errors. It
// knows no client library; engine/docker is the one package that does.
package engine

import (
	"io/fs"
	"time"
)

// State is a container's state, in the engine's own words.
type State string

// The states that devbox tells apart.
const (
	Created    State = "created"
	Running    State = "running"
	Paused     State = "paused"
	Restarting State = "restarting"
	Exited     State = "exited"
	Dead       State = "dead"
)

// Compose's own labels: the name of a project, and its folder.
const (
	LabelComposeProject = "com.docker.compose.project"
	LabelWorkingDir     = "com.docker.compose.project.working_dir"
)

// Labels that devbox puts on what it makes. It removes only what carries them.
const (
	// LabelProject holds the project's name: on one-off containers the Compose
	// project's, on volumes the one in devbox.yaml, which all checkouts have.
	LabelProject = "dev.devbox.project"
	// LabelCheckout holds the name of a checkout, on the volume that stands for it,
	// and LabelPorts the ports that it has.
	LabelCheckout = "dev.devbox.checkout"
	LabelPorts    = "dev.devbox.ports"
	// LabelDir holds the absolute path of the folder that something belongs to.
	LabelDir = "dev.devbox.dir"
	// LabelInputs holds the digest of everything an image was built from.
	LabelInputs = "dev.devbox.inputs"
	// LabelKey holds a node_modules volume's key.
	LabelKey = "dev.devbox.key"
	// LabelSet is on the node_modules volume of a workspace's member, and names the
	// volume of the workspace itself that it belongs to.
	LabelSet = "dev.devbox.set"
	// LabelGroup holds the digest of all in that key but the dependencies.
	LabelGroup = "dev.devbox.group"
	// LabelPackages holds a sketch of the packages in a node_modules volume.
	LabelPackages = "dev.devbox.packages"
	// LabelCache names the package manager whose cache a volume is.
	LabelCache = "dev.devbox.cache"
	// LabelPassword holds the password of a backing service's data, on a volume of
	// its own that is there for nothing else.
	LabelPassword = "dev.devbox.password"
	// LabelStep holds the digest of what a container that ran to its end depends on:
	// a migration, or a seed.
	LabelStep = "dev.devbox.step"
	// LabelData holds the name of the Compose project whose data a volume is about:
	// a snapshot, or the record of a restore; LabelDataKind says which, and
	// LabelDataRecord holds what is known of it, as JSON.
	LabelData       = "dev.devbox.data"
	LabelDataKind   = "dev.devbox.data.kind"
	LabelDataRecord = "dev.devbox.data.record"
	// LabelOwner names the devbox process that a one-off or a task belongs to.
	LabelOwner = "dev.devbox.owner"
)

// Container is what the engine shows of one container.
type Container struct {
	ID      string
	Name    string
	Project string
	Service string
	// OneOff is true for the containers of `shell` and `run`.
	OneOff bool
	State  State
	// Health is healthy, unhealthy, starting, or empty where there is no check.
	Health    string
	ExitCode  int
	OOMKilled bool
	StartedAt time.Time
	// Image is the image's ID.
	Image  string
	Labels map[string]string
	Ports  []Port
	// Volumes maps the mount points of named volumes to the volumes' names.
	Volumes map[string]string
	TTY     bool
	// StopSignal is what the image or the project asks for; empty means SIGTERM. Only
	// Inspect gives it.
	StopSignal string
	// Env are its variables, NAME=value. Only Inspect gives them; they may hold
	// passwords, so they are never shown.
	Env []string `json:"-"`
}

// Port is one published port.
type Port struct {
	HostIP    string
	Host      int
	Container int
}

// Info describes the engine that was connected to.
type Info struct {
	Version    string
	APIVersion string
	// OS is the engine's operating system, for example "Debian GNU/Linux 12".
	OS       string
	Platform string
	Rootless bool
	// Desktop is true where bind mounts cross into a virtual machine whose
	// file sharing maps ownership by itself.
	Desktop bool
	Host    string
	// Local is true where the engine can see this machine's folders.
	Local bool
}

// Progress is one line of progress of a longer operation.
type Progress struct {
	// What is the operation's object: an image, a container, a volume.
	What string
	// Text says what happens to it.
	Text string
	// Done is true when this part has ended.
	Done bool
	// Log is true for a line of output of a build step.
	Log bool
}

// Volume is what the engine shows of one volume.
type Volume struct {
	Name    string
	Labels  map[string]string
	Created time.Time
}

// Usage is what a container has used at one time.
type Usage struct {
	Time time.Time
	// CPU is the processor time since the container's start, on all cores.
	CPU time.Duration
	// Memory is in bytes, without what the kernel can take back at once; Limit is
	// what the container may use at most.
	Memory, Limit uint64
}

// TreeSource is a folder in a volume or in an image.
type TreeSource struct {
	// Volume is the volume; where it is empty, the folder is in the image.
	Volume string
	// Image is any that is there, where a volume is read.
	Image string
	// Path is absolute in an image, and relative to a volume's top.
	Path string
}

// TreeEntry is a file, a folder or a symlink below a folder that is read.
type TreeEntry struct {
	// Path is relative to that folder, with forward slashes.
	Path string
	Mode fs.FileMode
	// Link is what a symlink names.
	Link string
	// Same is the path of an earlier file that this one is another name of, a
	// hard link; it comes without content then.
	Same string
}

// Event is a change of a container of a project.
type Event struct {
	Time      time.Time
	Action    string // start, die, destroy, health_status, …
	Container string
	Service   string
	OneOff    bool
	ExitCode  int
	Health    string
}

// Chunk is a piece of a container's output, up to one line as the engine
// stored it; a longer line comes in several.
type Chunk struct {
	Time   time.Time
	Stream string // stdout or stderr
	Data   []byte
}

// BuildSpec says how to build one image.
type BuildSpec struct {
	// Image is the name that the result gets.
	Image string
	// Dir is the build context, an absolute path.
	Dir string
	// Dockerfile is relative to Dir; empty means Dockerfile.
	Dockerfile string
	Target     string
	Args       map[string]string
	// Secrets maps the ids of build secrets to absolute paths of files.
	Secrets map[string]string
	// Exclude are patterns in .dockerignore's form for what no build gets to see,
	// whatever the folder's own ignore files say.
	Exclude []string
	Labels  map[string]string
	NoCache bool
}

// Mount is a named volume or a folder of the host in a container.
type Mount struct {
	// Volume names a volume; else Bind is an absolute path on the host.
	Volume, Bind string
	Target       string
	ReadOnly     bool
}

// File is a file that was read out of a container.
type File struct {
	Data []byte
	// Modified is when it was written last.
	Modified time.Time
}

// TaskFile is a file that is copied into a task's container, or out of it.
type TaskFile struct {
	// Path is absolute.
	Path string
	// Mode may be that of a regular file, a folder or a symlink.
	Mode     fs.FileMode
	UID, GID int
	// Data is the content, or what a symlink names.
	Data []byte
	// Source is a file of the host that is copied in place of Data.
	Source string
	// ModTime is when it was changed last; zero means now.
	ModTime time.Time
}

// Task is a command that runs to its end in a container of its own, without a
// terminal and without input.
type Task struct {
	Name string
	// Container is the name of its container, where that matters: the engine has
	// no two of one name, so the second of two equal tasks ends with ErrConflict.
	Container string
	Labels    map[string]string
	Image     string
	Command   []string
	User      string
	Dir       string
	Env       []string
	Mounts    []Mount
	// Capabilities are the only ones it has.
	Capabilities []string
	// Network is false where the task needs none and gets none.
	Network bool
	// Files are copied in before it starts.
	Files []TaskFile
	// Collect are the paths of files that Finish gets, at most CollectLimit each;
	// those that are not there are left out.
	Collect []string
	// Finish, where there is one, is called when the command has ended with
	// status 0. What it returns is copied in; then the container is removed.
	Finish func(collected map[string][]byte) ([]TaskFile, error)
}

// CollectLimit is the size in bytes up to which a file is read out of a container.
const CollectLimit = 64 << 20

// OneOff is a container of a service for one interactive or plain command.
type OneOff struct {
	Service string
	// Command replaces the service's command.
	Command []string
	Env     []string
	// User replaces the service's user where it is not empty.
	User   string
	CapAdd []string
	Labels map[string]string
	// TTY gives it a terminal; Stdin connects its standard input.
	TTY, Stdin bool
	// NoDeps leaves the services that it depends on as they are.
	NoDeps bool
}

// LogOptions choose what of a container's output is read.
type LogOptions struct {
	// Since skips what is older; zero means from the start.
	Since time.Time
	// Tail is how many lines of what is there already are read; negative means all.
	Tail   int
	Follow bool
	// TTY says that the container has a terminal, so its output is one raw stream.
	TTY bool
}
