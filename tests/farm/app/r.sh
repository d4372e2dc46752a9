# R: a linear model, and a picture by cairo
# shellcheck shell=sh disable=SC2034
packages='r-base-core fonts-dejavu-core'
programs='R, Rscript'
prepare()
{
	awk 'BEGIN { print "x y"; for (i = 1; i <= 60; i++) print i, 3 * i + i % 9 }' >a.dat
	awk 'BEGIN { print "x y"; for (i = 1; i <= 45; i++) print i, 100 - i + i % 5 }' >b.dat
	cat >model.R <<'END'
d <- read.table(commandArgs(TRUE)[1], header = TRUE)
m <- lm(y ~ x, d)
print(summary(m))
print(anova(m))
print(t.test(d$x, d$y)$p.value)
png("out/model.png", type = "cairo", width = 500, height = 400)
plot(d, main = "a model")
abline(m, col = "red")
invisible(dev.off())
END
}
first='Rscript model.R a.dat'
second='Rscript model.R b.dat'
second_files='model.R b.dat'
