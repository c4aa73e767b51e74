#!/bin/sh
# Print the path of a browser for the tests: Chromium, Chrome or Edge; on Debian it is installed where there is none.
# Exit 2 where none is to be had.
set -eu
root=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/tools/common.sh"

# Asked for its version, because on Ubuntu a command of this name may be no more than a hint to install something.
find_browser() {
  for name in ${HWRISK_BROWSER:+"$HWRISK_BROWSER"} chromium chromium-browser google-chrome google-chrome-stable \
    microsoft-edge microsoft-edge-stable; do
    if "$name" --version >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# Ubuntu's package of that name holds no browser.
has_chromium_package() { grep -q 'debian' /etc/os-release 2>/dev/null && ! grep -qi 'ubuntu' /etc/os-release; }

find_browser && exit 0
if has_chromium_package && apt_install chromium && find_browser; then exit 0; fi
say '未找到浏览器：请安装 Chromium、Chrome 或 Edge；不做浏览器测试时设 HWRISK_NO_BROWSER=1。'
exit 2
