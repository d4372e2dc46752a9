# vim in ex mode: edits, a macro, syntax colours by name, a spelling check
# shellcheck shell=sh disable=SC2034
packages='vim vim-runtime'
quick=yes
programs='vim'
prepare()
{
	printf 'int main(void)\n{\n  return  1;\n}\n/* a coment */\n' >a.c
	printf 'static int x;\nchar *s = "text";\n// speling and words\n' >b.c
	cat >edit.vim <<'END'
set nomore
syntax on
filetype plugin indent on
set spell spelllang=en
execute "edit " . input_file
%s/\s\+/ /ge
normal gg=G
call append(0, printf("/* %d lines, %s */", line("$"), &filetype))
let names = []
for n in range(1, line("$"))
  call add(names, n . " " . synIDattr(synID(n, 1, 1), "name") . " " . join(spellbadword(getline(n))))
endfor
call writefile(names, "out/names")
write! out/edited
verbose set filetype?
quitall!
END
}
first='vim -e -s -N -u NONE -i NONE -n --cmd "let input_file = \"a.c\"" -S edit.vim'
second='vim -e -s -N -u NONE -i NONE -n --cmd "let input_file = \"b.c\"" -S edit.vim'
second_files='edit.vim b.c'
