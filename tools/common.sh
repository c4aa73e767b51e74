# Shared by the scripts of this folder, which source it after setting `root`. POSIX sh.

say() { printf '%s\n' "$*" >&2; }

apt_options='install -y --no-install-recommends'

# Run a command as root, with the proxies of this environment, asking nothing but the password of sudo.
as_root() {
  [ -z "${http_proxy:-${HTTP_PROXY:-}}" ] || set -- "http_proxy=${http_proxy:-$HTTP_PROXY}" "$@"
  [ -z "${https_proxy:-${HTTPS_PROXY:-}}" ] || set -- "https_proxy=${https_proxy:-$HTTPS_PROXY}" "$@"
  [ -z "${no_proxy:-${NO_PROXY:-}}" ] || set -- "no_proxy=${no_proxy:-$NO_PROXY}" "$@"
  set -- env DEBIAN_FRONTEND=noninteractive "$@"
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

may_be_root() {
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null 2>&1 || return 1
  # Without a terminal nobody can type a password: only a sudo that asks for none will do.
  sudo -n true 2>/dev/null || [ -t 0 ]
}

# Install Debian packages; fails where that is not possible or not wanted (HWRISK_NO_APT).
apt_install() {
  [ -z "${HWRISK_NO_APT:-}" ] || return 1
  command -v apt-get >/dev/null 2>&1 || return 1
  may_be_root || return 1
  say "正在安装系统组件：$*"
  # One dead source among several must not stop what the others can give.
  as_root apt-get -qq -o DPkg::Lock::Timeout=120 update >&2 || true
  # shellcheck disable=SC2086  # the options are several words
  as_root apt-get -qq -o DPkg::Lock::Timeout=120 $apt_options "$@" >&2
}
