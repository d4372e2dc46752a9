# guile: modules that are loaded compiled, and a file that is compiled on the way
# shellcheck shell=sh disable=SC2034
packages='guile-3.0'
programs='guile'
prepare()
{
	printf '3 1 2\n' >a.txt
	printf '9 7 8 5\n' >b.txt
	cat >numbers.scm <<'END'
(use-modules (ice-9 rdelim) (ice-9 format) (srfi srfi-1) (ice-9 match) (sxml simple))
(define (numbers file)
  (map string->number (string-tokenize (call-with-input-file file read-line))))
(match (command-line)
  ((_ file)
   (let ((n (sort (numbers file) <)))
     (format #t "~{~a~^, ~} sum ~a product ~a~%" n (fold + 0 n) (expt (fold * 1 n) 20))
     (call-with-output-file "out/numbers.xml"
       (lambda (port) (sxml->xml `(numbers ,@(map (lambda (x) `(n ,(number->string x))) n)) port))))))
END
}
first='guile -s numbers.scm a.txt'
second='guile -s numbers.scm b.txt'
second_files='numbers.scm b.txt'
