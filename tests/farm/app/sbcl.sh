# sbcl: compile a file and load it; sbcl starts itself anew without address randomization
# shellcheck shell=sh disable=SC2034
packages='sbcl'
programs='sbcl'
prepare()
{
	echo '(3 1 4 1 5 9 2 6)' >a.lisp
	echo '(27 18 28 18 28)' >b.lisp
	cat >stats.lisp <<'END'
(require :sb-posix)
(defun mean (list) (/ (reduce #'+ list) (length list)))
(defun tell (file)
  (let ((data (with-open-file (in file) (read in))))
    (format t "~a: mean ~a, sorted ~{~a~^ ~}~%" file (mean data) (sort (copy-list data) #'<))
    (format t "~:r ~r ~@r~%" (length data) (reduce #'+ data) (reduce #'+ data))
    (with-open-file (out "out/factorial" :direction :output :if-exists :supersede)
      (print (reduce #'* (loop for i from 1 to (* 3 (reduce #'max data)) collect i)) out))))
END
}
first='sbcl --noinform --non-interactive --no-userinit --eval "(load (compile-file \"stats.lisp\"))" \
	--eval "(tell \"a.lisp\")" | grep -v "^;"'
second='sbcl --noinform --non-interactive --no-userinit --eval "(load (compile-file \"stats.lisp\"))" \
	--eval "(tell \"b.lisp\")" | grep -v "^;"'
second_files='stats.lisp b.lisp'
