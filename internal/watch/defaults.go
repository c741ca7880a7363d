package watch

// The three lists below are in .gitignore's form. They are the rules that hold
// without anybody having written them.

// neverSource is ignored whatever the project's ignore files say; only
// Rules.Extra can bring something back.
const neverSource = `
# Installed packages: they have a volume of their own.
node_modules
bower_components
jspm_packages
.pnpm-store
.yarn/cache
.yarn/unplugged
.yarn/install-state.gz

# Version control and devbox's own state.
.git
.hg
.svn
.jj
.bzr
.devbox

# Vim's swap files, its probe for a writable folder, and backups.
.*.sw[a-px]
4913
*~
# Emacs: locks and auto-saved files.
.#*
\#*#
# JetBrains, Kate, GNOME, VS Code, LibreOffice, go's way to find the umask.
*___jb_tmp___
*___jb_old___
*___jb_bak___
*.kate-swp
.goutputstream-*
*.vsctmp
.~lock.*#
*-go-tmp-umask
# Files on their way to another name, and those that were removed while open.
*.tmp
*.tmp.[0-9]*
.nfs0*
.fuse_hidden*
# Settings that Vite, tsup and their like have compiled beside the source, to load them.
*.timestamp-[0-9]*.mjs
*.bundled_*.mjs
# Settings of editors and desktops.
.idea
.vscode
.vs
.fleet
.DS_Store
._*
Thumbs.db
desktop.ini
`

// alwaysSource is watched even where .gitignore or .dockerignore name it: it
// decides what is installed, built or run, and many projects leave parts of it
// out of git (.env, lock files) or out of the image (Dockerfile, compose.yaml).
const alwaysSource = `
package.json
package-lock.json
npm-shrinkwrap.json
yarn.lock
pnpm-lock.yaml
pnpm-workspace.yaml
bun.lock
bun.lockb
.npmrc
.yarnrc
.yarnrc.yml
.pnpmfile.cjs
bunfig.toml
.nvmrc
.node-version
devbox.yaml
.env
.env.*
Dockerfile
Dockerfile.*
*.Dockerfile
compose.yaml
compose.yml
compose.*.yaml
compose.*.yml
docker-compose.yaml
docker-compose.yml
docker-compose.*.yaml
docker-compose.*.yml
.gitignore
.dockerignore
`

// outputs is what tools write. It has the lowest rank: a project that keeps
// source in a folder called build says !build/ in its .gitignore. Below a
// folder called src such a name is source.
const outputs = `
dist/
build/
coverage/
!**/src/**/dist/
!**/src/**/build/
!**/src/**/coverage/

.next
.nuxt
.output
.svelte-kit
.astro
.angular
.docusaurus
.vinxi
.react-router
.vercel
.netlify
.serverless
.wrangler
.expo
.nx
.turbo
.cache
.parcel-cache
.rpt2_cache
.sass-cache
.swc
.vite
.nyc_output
.eslintcache
.stylelintcache
*.tsbuildinfo

*.log
*.pid
*.*-journal
*.*-wal
*.*-shm
`

// temporaryFile catches names that no glob describes well: sed -i writes
// sedXXXXXX beside the file that it edits.
func temporaryFile(name string) bool {
	if len(name) != len("sedXXXXXX") || name[:3] != "sed" {
		return false
	}
	for i := 3; i < len(name); i++ {
		if !isAlpha(name[i]) && !isDigit(name[i]) {
			return false
		}
	}
	return true
}
