# GDAL and PROJ: warp a raster to another projection, statistics, vectors to GeoJSON
# shellcheck shell=sh disable=SC2034
packages='gdal-bin'
programs='gdalwarp, gdalinfo, ogr2ogr'
limit=120
prepare()
{
	for p_step in 7:a 11:b; do
		awk -v m="${p_step%:*}" 'BEGIN { print "ncols 30\nnrows 20\nxllcorner 8\nyllcorner 47\ncellsize 0.1"
			for (i = 0; i < 20; i++) { for (j = 0; j < 30; j++) printf "%d ", i * j % m; print "" } }' >"${p_step#*:}.asc"
	done
	printf 'name,lon,lat\nX,8.5,47.4\nY,9.2,48.1\n' >a.csv
	printf 'name,lon,lat\nP,10.1,46.9\nQ,7.7,47.0\nR,8,48\n' >b.csv
	cat >work.sh <<'END'
set -e
gdalwarp -q -overwrite -s_srs EPSG:4326 -t_srs EPSG:25832 "$1.asc" x.tif
gdalinfo -stats x.tif | grep -v '^Files\|^ *x.tif'
gdal_translate -q -of PNG -ot Byte -scale x.tif out/x.png
ogr2ogr -f GeoJSON out/points.json "$1.csv" -oo X_POSSIBLE_NAMES=lon -oo Y_POSSIBLE_NAMES=lat \
	-s_srs EPSG:4326 -t_srs EPSG:3857
ogrinfo -al -so out/points.json | grep -v INFO
END
}
first='sh work.sh a'
second='sh work.sh b'
second_files='work.sh b.asc b.csv'
