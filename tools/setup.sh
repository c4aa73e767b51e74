#!/bin/sh
# Make .venv ready: sh tools/setup.sh [runtime|dev]. Where it is ready already, only that is checked.
# Exit 0 ready; 2 refused: no fit Python, or the installation failed.
set -eu
# What another environment, or a user's settings, would redirect elsewhere.
unset CDPATH PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX

started_in=$PWD
root=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
kind=${1:-runtime}
. "$root/tools/common.sh"
cd -- "$root"

packages='python3 python3-venv ca-certificates libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0'
apt_line="apt-get update && apt-get $apt_options $packages"

# Set `python` to the newest fit interpreter, else `without_venv` or `unfit` to the version of one that was seen.
# Each is run, not just looked up: a shim may name a version that is not there. The base of an active venv is
# taken, because that venv may be the very one to be removed.
find_python() {
  python='' without_venv='' unfit=''
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    seen=$("$name" -c 'import sys
print("%d.%d.%d" % sys.version_info[:3], getattr(sys, "_base_executable", sys.executable))' 2>/dev/null) || continue
    version=${seen%% *}
    case $version in
      3.1[1-4].*) ;;
      *) unfit=$version; continue ;;
    esac
    if "${seen#* }" -c 'import ensurepip, venv' 2>/dev/null; then
      python=${seen#* }
      return
    fi
    without_venv=$version
  done
}

# Print the libraries of the PDF pages that cannot be loaded.
missing_libraries() {
  "$python" -c 'import ctypes, ctypes.util
for stem in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"):
    try:
        ctypes.CDLL("lib%s.so.0" % stem)
    except OSError:
        if not ctypes.util.find_library(stem):
            print(stem)'
}

has_certificates() {
  [ -z "${HWRISK_WHEELS:-}" ] || return 0
  for file in "${SSL_CERT_FILE:-}" "${PIP_CERT:-}" /etc/ssl/certs/ca-certificates.crt \
    /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    [ -z "$file" ] || [ ! -s "$file" ] || return 0
  done
  return 1
}

is_complete() { [ -n "$python" ] && [ -z "$(missing_libraries)" ] && has_certificates; }

prepare_system() {
  find_python
  is_complete && return
  # shellcheck disable=SC2086  # several package names
  if apt_install $packages; then find_python; fi
  if [ -z "$python" ]; then
    if [ -n "$without_venv" ]; then
      say "Python $without_venv 缺少 venv 或 ensurepip，请由管理员执行：$apt_line"
    elif [ -n "$unfit" ]; then
      say "Python 版本不符（找到 $unfit）：本系统需要 Python 3.11 至 3.14，请安装后重试。"
    else
      say "未找到 Python：本系统需要 Python 3.11 至 3.14，请由管理员执行：$apt_line"
    fi
    exit 2
  fi
  is_complete || say "缺少系统组件，PDF 暂不可用或下载可能失败，其余功能照常；请由管理员执行：$apt_line"
}

# Print what .venv/stamp must hold: the lock, the Python, the kind of machine and the place.
stamp_of() {
  "$python" -c 'import hashlib, os, platform, sys
with open(sys.argv[1], "rb") as lock:
    parts = [lock.read()]
parts += [os.fsencode(text) for text in (sys.version, platform.machine(), sys.argv[2])]
print(hashlib.sha256(b"\0".join(parts)).hexdigest())' "requirements/$1.lock" "$root"
}

holds() { [ -x .venv/bin/python ] && [ "$(cat .venv/stamp 2>/dev/null)" = "$(stamp_of "$1")" ]; }

install_lock() {
  set -- --require-hashes --only-binary :all: -r "requirements/$kind.lock"
  if [ -n "${HWRISK_WHEELS:-}" ]; then
    case $HWRISK_WHEELS in
      /*) set -- --no-index -f "$HWRISK_WHEELS" "$@" ;;
      *) set -- --no-index -f "$started_in/$HWRISK_WHEELS" "$@" ;;
    esac
  fi
  say '正在安装依赖，首次约需一至数分钟……'
  if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python .venv/bin/python "$@" && return
    # uv reads no pip.conf, where an office often names its own mirror.
    say 'uv 未能完成，改用 pip。'
  fi
  .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check "$@"
}

# The project is not installed, because its build would fetch what no hash covers: a .pth file makes it importable.
link_project() {
  .venv/bin/python -c 'import os, shlex, sys, sysconfig
with open(os.path.join(sysconfig.get_path("purelib"), "hwrisk.pth"), "wb") as path_file:
    path_file.write(os.fsencode(sys.argv[1]) + b"\n")
start = "import sys; sys.argv[0] = \"hwrisk\"; from hwrisk.cli import main; sys.exit(main())"
python = shlex.quote(sys.argv[1] + "/.venv/bin/python")
with open(".venv/bin/hwrisk", "wb") as command:
    command.write(os.fsencode("#!/bin/sh\nexec %s -P -c %s \"$@\"\n" % (python, shlex.quote(start))))
os.chmod(".venv/bin/hwrisk", 0o755)' "$root"
}

# Joined by &&, because `set -e` does not act in what an `if` asks.
make_venv() {
  if [ "$kind" = dev ] && holds runtime; then
    # The same pins and more: add to it, for a server may be running on it.
    rm -f .venv/stamp
  else
    rm -rf .venv && "$python" -m venv .venv || return
  fi
  install_lock && link_project
}

case $kind in
  runtime | dev) ;;
  *) say "用法：sh tools/setup.sh [runtime|dev]"; exit 2 ;;
esac

# Two set-ups at once would tear down each other's work; the lock ends with this script.
exec 9<"$root/tools/setup.sh"
if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
  say '另一个安装正在进行，请稍候……'
  flock 9 || true
fi

prepare_system
if holds "$kind" || { [ "$kind" = runtime ] && holds dev; }; then exit 0; fi
if ! make_venv; then
  say '安装未完成：请检查网络，或用 HWRISK_WHEELS=目录 指定离线安装包后重试。'
  exit 2
fi
# Written last: a half-made .venv has no stamp and is made anew.
stamp_of "$kind" >.venv/stamp
say '运行环境已就绪。'
