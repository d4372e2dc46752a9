# OCaml: native and byte code compiler, and a script
# shellcheck shell=sh disable=SC2034
packages='ocaml'
programs='ocamlopt, ocamlc, ocamlrun, ocaml'
prepare()
{
	printf 'the cat and the dog and the owl\n' >a.txt
	printf 'one two one two three one\n' >b.txt
	cat >count.ml <<'END'
module M = Map.Make (String)
let () =
  let ic = open_in Sys.argv.(1) in
  let words = String.split_on_char ' ' (String.trim (input_line ic)) in
  let add m w = M.update w (function None -> Some 1 | Some n -> Some (n + 1)) m in
  M.iter (Printf.printf "%s %d\n") (List.fold_left add M.empty words);
  Printf.printf "%s\n" (Digest.to_hex (Digest.file Sys.argv.(1)))
END
}
first='ocamlopt -o native unix.cmxa count.ml && ./native a.txt >out/native &&
	ocamlc -o bytes count.ml && ./bytes a.txt >out/bytes && ocaml count.ml a.txt'
second='ocamlopt -o native unix.cmxa count.ml && ./native b.txt >out/native &&
	ocamlc -o bytes count.ml && ./bytes b.txt >out/bytes && ocaml count.ml b.txt'
second_files='count.ml b.txt'
