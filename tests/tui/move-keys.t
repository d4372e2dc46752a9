# Letters and arrows do the same.
pkg demo
run cde-tui $PKG
press j j
cursor-row ~ "lib/"
save a
press k k Down Down
screen = @a
press G
save end
press Home
cursor-row ~ "40.9 MiB"
press End
screen = @end
press g PgDn PgUp
cursor-row ~ "/"
press q
exit 0
