# samtools, bcftools and bedtools: sort and index reads, call variants, intersect
# shellcheck shell=sh disable=SC2034
packages='samtools bcftools bedtools'
programs='samtools, bcftools, bedtools'
prepare()
{
	awk 'BEGIN { srand(5); print ">chr1"; for (i = 0; i < 40; i++) { s = "";
		for (j = 0; j < 50; j++) s = s substr("ACGT", 1 + int(rand() * 4), 1); print s } }' >ref.fa
	for p_seed in 1:a 2:b; do
		awk -v seed="${p_seed%:*}" 'NR > 1 { g = g $0 } END { srand(seed)
			print "@HD\tVN:1.6"; print "@SQ\tSN:chr1\tLN:2000"
			for (i = 0; i < 600; i++) { p = int(rand() * 1900); s = substr(g, p + 1, 60)
				if (p < 1000 && p + 60 > 1000) s = substr(s, 1, 1000 - p - 1) "A" substr(s, 1000 - p + 1)
				print "r" i "\t0\tchr1\t" p + 1 "\t60\t60M\t*\t0\t0\t" s "\t*" } }' ref.fa >"${p_seed#*:}.sam"
	done
	printf 'chr1\t100\t400\tleft\nchr1\t900\t1100\tmiddle\n' >parts.bed
	cat >work.sh <<'END'
set -e
samtools sort -@ 2 -O bam "$1" -o x.bam
samtools index x.bam
samtools flagstat x.bam
samtools faidx ref.fa
samtools depth -r chr1:990-1005 x.bam
samtools mpileup -f ref.fa -r chr1:995-1004 x.bam 2>/dev/null >out/pileup
bcftools mpileup -Ou -f ref.fa x.bam 2>/dev/null | bcftools call -mv -Ov | grep -v '^##' >out/calls.vcf
bedtools bamtobed -i x.bam | bedtools intersect -a parts.bed -b - -c
END
}
first='sh work.sh a.sam'
second='sh work.sh b.sam'
second_files='work.sh ref.fa parts.bed b.sam'
