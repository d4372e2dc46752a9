# No byte of a name reaches the terminal raw, wherever names are shown: title, lists,
# boxes, messages, prompts, completion, errors.
size 110 30
pkg odd
never "esc\033[31"
never "\302\233[31m"
never "tab\011x"
never "new\012line"
never "\033[31m\342\200\256"
sh mv cde-package "$(printf "p\033[31m\342\200\256k")"; mkdir d && echo x >"$(printf "d/f\033[31m\342\200\256")"
sh sqlite3 p*/manifest.db "UPDATE run SET argv = 'a' || char(27) || '[31m' || char(8238)"; sqlite3 p*/manifest.db "UPDATE process SET argv = 'a' || char(27) || '[31m' || char(155), exe = '/bin/f' || char(27) || '[31m'"
run sh -c "exec cde-tui p*"
title ~ "p\e[31m\u202ek"
press s n j
press-until "c1" j
press i q w q y q d # x y Enter
press s n g t g d j d j d j d j d j p h j Space Space v A d u i q y q
press 2 l j l j i q 3 l j j 4 z w q 5 j Enter F 6 j Enter 6 W n
press : a d d Space
type /no/such
press Enter
press 1 a C-u
paste d/
press Tab
row -1 ~ "f\e[31m\u202e"
press Enter
press x C-u
paste d/
press Tab Tab Enter
press f
paste "f\e[31m
press Esc :
paste drop f\e[31m
press Enter W y
title !~ "staged"
press u W y
press Q
exit 0
