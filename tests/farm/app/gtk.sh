# a GTK 3 program in Python, under Xvfb: themes, icons, text; a picture of its window
# shellcheck shell=sh disable=SC2034
packages='xvfb xauth python3-gi python3-gi-cairo gir1.2-gtk-3.0 adwaita-icon-theme fonts-dejavu-core'
programs='Xvfb, GTK 3'
limit=120
prepare()
{
	printf 'A <b>first</b> window\nwith two rows\n' >a.txt
	printf 'Another <b>window</b>\nits own\nrows\n' >b.txt
	cat >window.py <<'END'
import sys
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk, GLib
lines = open(sys.argv[1]).read().splitlines()
w = Gtk.OffscreenWindow()
w.set_default_size(300, 200)
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
for x in lines:
    label = Gtk.Label()
    label.set_markup(x)
    box.add(label)
box.add(Gtk.Button.new_from_icon_name("document-open", Gtk.IconSize.BUTTON))
box.add(Gtk.CheckButton(label="check", active=True))
box.add(Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 0, 10, 1))
w.add(box)
w.show_all()
def shot():
    w.get_surface().write_to_png("out/window.png")
    print(Gtk.get_major_version(), w.get_size(), len(lines))
    Gtk.main_quit()
GLib.idle_add(shot, priority=GLib.PRIORITY_LOW)
Gtk.main()
END
}
first='xvfb-run -a python3 window.py a.txt'
second='xvfb-run -a python3 window.py b.txt'
second_files='window.py b.txt'
