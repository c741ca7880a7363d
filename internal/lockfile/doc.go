// Package lockfile reads the lock files of npm, yarn, pnpm and bun into one
// plain model and answers what a project asks of them: which lock governs
// (Govern), what it says (Parse), whether the package manager can
// read it (Lock.CheckManager), whether it is in step with package.json
// (Lock.InStep, Lock.Check), whether two locks give the same tree (Lock.Digest,
// Lock.TreeDigest), what changed from one to the other in people's terms
// (Diff), and what an exact install must put into node_modules (Lock.Tree,
// CompareTree).
//
// It is pure: bytes or an fs.FS in, values out; it starts nothing and fetches
// nothing. What cannot be known without the registry counts as right, so that
// no answer here refuses what the package manager itself would take: in that,
// it follows what npm 8 to 11, yarn 1 and 4, pnpm 8 to 12 and bun 1 were seen
// to do. Addresses lose their passwords before anybody can print them.
//
// The formats: npm's lockfileVersion 1, 2 (of which the list of packages
// counts) and 3, npm-shrinkwrap.json with them or, as it was before npm 5,
// without a version; yarn's own of version 1 and the YAML of yarn 2 and newer;
// pnpm's lockfileVersion 5, 6 and 9; bun.lock. A byte order mark and any line
// endings are accepted. Every error about a file's content is an *Error with
// the place and a remedy.
//
// Parsing 1 MB of npm's takes about 7 ms, of pnpm's about 40 ms: keep a lock
// while its file has not changed.
package lockfile
