# a Qt 5 program in Python, under Xvfb: its platform and style plugins; a picture of its window
# shellcheck shell=sh disable=SC2034
packages='xvfb xauth python3-pyqt5 python3-pyqt5.qtsvg fonts-dejavu-core'
programs='Xvfb, Qt 5'
limit=120
prepare()
{
	printf 'one\ntwo\n' >a.txt
	printf 'uno\ndue\ntre\n' >b.txt
	cat >window.py <<'END'
import sys
from PyQt5.QtWidgets import (QApplication, QCheckBox, QListWidget, QPushButton, QSlider,
                             QVBoxLayout, QWidget)
from PyQt5.QtCore import Qt, QTimer
app = QApplication(sys.argv)
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
w = QWidget()
box = QVBoxLayout(w)
rows = QListWidget()
rows.addItems(lines)
for x in (rows, QPushButton("&Open"), QCheckBox("check"), QSlider(Qt.Horizontal)):
    box.addWidget(x)
w.resize(320, 240)
w.show()
def shot():
    w.grab().save("out/window.png")
    print(app.platformName(), app.style().objectName(), w.width(), len(lines))
    app.quit()
QTimer.singleShot(0, shot)
sys.exit(app.exec())
END
}
first='xvfb-run -a python3 window.py a.txt'
second='xvfb-run -a python3 window.py b.txt'
second_files='window.py b.txt'
