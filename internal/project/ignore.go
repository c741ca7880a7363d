package project

// ignoreRules is the .dockerignore: what never comes into an image. It keeps
// secrets out, and what would make a build new without making it different.
// .env.example stays, because some apps read it for the names of their
// variables; so does build output, because devbox cannot know what is.
const ignoreRules = `# Installed in the image
**/node_modules
**/.pnpm-store
**/.yarn/cache
**/.yarn/install-state.gz
**/.pnp.cjs
**/.pnp.loader.mjs

# Secrets
**/.env*
!**/.env.example
**/.npmrc
**/.netrc

# What no app needs
**/.git
**/.gitignore
**/.gitattributes
**/.github
.devbox
devbox.yaml
**/Dockerfile*
**/.dockerignore
**/*.devbox-backup*
**/compose*.yaml
**/compose*.yml
**/docker-compose*.yaml
**/docker-compose*.yml
.devcontainer
**/.vscode
**/.idea
**/.DS_Store
**/*.swp
**/*~

# What tools and apps leave
**/*.log
**/.npm
**/.eslintcache
**/.nyc_output
coverage
`
