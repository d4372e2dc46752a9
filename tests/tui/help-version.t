# On stdout, without a terminal.
sh cde-tui --help | grep -q "usage: cde-tui"
sh cde-tui --version | grep -q "^cde-tui "
