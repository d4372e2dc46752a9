# c: sizes, sizes of unique content, numbers of files.  Of three names of one content the
# first counts; when that is dropped, the next one does.
pkg demo
sh sqlite3 cde-package/manifest.db "UPDATE file SET sha256='same', size=1048576 WHERE path IN ('/etc/ld.so.cache', '/etc/locale.alias', '/etc/ssl/openssl.cnf')"
run cde-tui $PKG
row 3 ~ "Size"
save before
press c
row 3 ~ "Unique"
message ~ "2 names are a file again, 2.0 MiB"
press / l o c a l e . a l i a s Enter
cursor-row ~ " 0 B"
press / l d . s o . c a c h e Enter
cursor-row ~ "1.0 MiB"
press d
press / l o c a l e . a l i a s Enter
cursor-row ~ "1.0 MiB"
press / o p e n s s l . c n f Enter
cursor-row ~ " 0 B"
press s u
row 3 ~ "unique"
cursor-row ~ "openssl.cnf"
press u s s g c
row 3 ~ "Files"
cursor-row ~ "322"
press c
row 3 ~ "Size"
cursor-row !~ "322"
press q
exit 0
# Hard links of the capture, without checksums.
sh rm -rf cde-package && mkdir links && cd links && head -c 100000 /dev/zero >a && ln a b && cde -q -o ../cde-package cat a b >/dev/null
run cde-tui $PKG
press c
message ~ "1 name is a file again, 97.7 KiB"
press q
exit 0
