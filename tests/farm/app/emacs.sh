# emacs in batch: Org to text, byte compilation, a child process
# shellcheck shell=sh disable=SC2034
packages='emacs-nox'
programs='emacs'
limit=120
prepare()
{
	printf '#+TITLE: Report A\n* One\nText of *one*.\n| a | 1 |\n| b | 2 |\n' >a.org
	printf '#+TITLE: Report B\n* First\n- [X] done\n- [ ] open\n* Second\n: verbatim\n' >b.org
	cat >tool.el <<'END'
;;; -*- lexical-binding: t -*-
(require 'org)
(require 'ox-ascii)
(defun tool-run (file)
  (find-file file)
  (message "%s %s" major-mode (file-name-nondirectory buffer-file-name))
  (let ((text (org-export-as 'ascii)))
    (with-temp-file "out/text" (insert text))
    (princ (format "%d characters\n" (length text))))
  (princ (shell-command-to-string (format "sort %s | head -2" file)))
  (princ (format "%S\n" (calc-eval "2^200"))))
END
}
first='emacs --batch -Q -f batch-byte-compile tool.el && emacs --batch -Q -l ./tool.elc --eval "(tool-run \"a.org\")"'
second='emacs --batch -Q -f batch-byte-compile tool.el && emacs --batch -Q -l ./tool.elc --eval "(tool-run \"b.org\")"'
second_files='tool.el b.org'
