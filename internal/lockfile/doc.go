// Package lockfile reads the lock files of npm, yarn, pnpm and bun into one
// plain model and answers what a project asks of them: which lock governs
// (Govern), what it says (Parse), whether it is in step with package.json
// (Lock.InStep, Lock.Check), whether two locks give the same tree
// (Lock.Digest), and what changed from one to the other in people's terms
// (Diff). It is pure: bytes in, values out; it starts nothing and fetches
// nothing. What cannot be known without the registry counts as right, so that
// no answer here refuses what the package manager itself would take.
package lockfile
