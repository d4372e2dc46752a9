# A name that would steer the terminal, in an error before there is a screen.
sh printf '#!/bin/sh\nexec cde-tui "$(printf "x\\033[31mred\\302\\233")"\n' >odd && chmod +x odd && cat odd
spawn ./odd
wait "x\e[31mred\u009b"
exit 1
