package lockfile

import "testing"

func TestTreeDigestCountsPackageJSONWhereTheLockAloneDoesNotDecide(t *testing.T) {
	lock := mustParse(t, "package-lock.json", starter)
	inStep := []*Manifest{mustManifest(t, ".", `{"scripts": {"test": "x"}, "dependencies": {"a": "^1.0.0", "b": "^2.0.0"}}`)}
	if lock.TreeDigest(inStep) != lock.Digest() {
		t.Error("in step, package.json counts")
	}
	less := []*Manifest{mustManifest(t, ".", `{"dependencies": {"a": "^1.0.0"}}`)}
	if lock.TreeDigest(less) == lock.Digest() {
		t.Error("npm ci installs one package less, and the digest is the same")
	}
	classic := mustParse(t, "yarn.lock", "# yarn lockfile v1\n\na@^1.0.0:\n  version \"1.0.0\"\n")
	one := []*Manifest{mustManifest(t, ".", `{"dependencies": {"a": "^1.0.0"}}`)}
	if classic.TreeDigest(one) == classic.TreeDigest([]*Manifest{mustManifest(t, ".", `{}`)}) {
		t.Error("yarn 1 installs what package.json asks for, and the digest is the same without")
	}
}
