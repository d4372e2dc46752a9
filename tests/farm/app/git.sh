# git: init, commits, a branch, a merge, a clone, pack and check
# shellcheck shell=sh disable=SC2034
packages='git'
quick=yes
programs='git'
prepare()
{
	seq 1 200 >a.txt
	seq 500 900 >b.txt
	cat >work.sh <<'END'
set -e
export GIT_AUTHOR_DATE='2023-01-01T12:00:00Z' GIT_COMMITTER_DATE='2023-01-01T12:00:00Z'
git init -q -b main tree
cd tree
git config user.name Someone
git config user.email someone@example.org
cp "../$1" data
git add data
git commit -q -m 'the data'
git checkout -q -b side
sed -i '1s/$/ changed/' data
git commit -q -a -m 'a change at the top'
git checkout -q main
echo end >>data
git commit -q -a -m 'a change at the end'
git merge -q -m merged side
git gc -q
git fsck --strict
cd ..
git clone -q tree copy
git -C copy log --format='%H %s' --stat
git -C copy diff HEAD~1 HEAD >out/diff
git -C copy archive --format=tar HEAD >out/archive.tar
END
}
first='rm -rf tree copy; sh work.sh a.txt'
second='rm -rf tree copy; sh work.sh b.txt'
second_files='work.sh b.txt'
