# Origin, class, type, state, size.
pkg demo
run cde-tui $PKG
press f
type origin:libc6
press Enter
screen ~ "libc.so.6"
press f C-u
type class:user
press Enter
screen ~ "home/alice/study/"
press f C-u
type size>4M type:elf-so
press Enter
screen ~ "liblapack"
press f C-u
type !usr kind:f
press Enter
screen !~ "usr/"
press q
exit 0
