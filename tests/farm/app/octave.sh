# octave: eigenvalues, an interpolation, a function file of its own
# shellcheck shell=sh disable=SC2034
packages='octave'
programs='octave-cli'
limit=120
prepare()
{
	awk 'BEGIN { for (i = 1; i <= 20; i++) print i, i * i % 17 }' >a.dat
	awk 'BEGIN { for (i = 1; i <= 25; i++) print i, i * i % 23 }' >b.dat
	cat >spread.m <<'END'
function r = spread (v)
  r = max (v) - min (v);
end
END
	cat >work.m <<'END'
d = load (argv (){1});
printf ("%d rows, spread %g, median %g\n", rows (d), spread (d(:,2)), median (d(:,2)));
m = d(:,2) * d(:,2)' + diag (d(:,1));
printf ("%.6f\n", eig (m)(end-2:end));
y = interp1 (d(:,1), d(:,2), 1:0.25:10, "spline");
dlmwrite ("out/spline", y', "precision", "%.8f");
printf ("%s\n", strjoin (regexp ("a1b22c333", '\d+', "match"), " "));
END
}
first='octave-cli --quiet work.m a.dat'
second='octave-cli --quiet work.m b.dat'
second_files='work.m spread.m b.dat'
