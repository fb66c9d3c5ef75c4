#!/usr/bin/env bash
# Makes .venv and installs what is missing, once: `setup.sh run` for serving, `setup.sh test` for the tests too,
# `setup.sh drills` for the long tests, which drive a real virus scanner, LibreOffice and qpdf if they can be had.
# A second call finds its stamp and takes a few hundredths of a second.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}
case $purpose in
run) requirements="requirements.txt" ;;
test) requirements="requirements-test.txt" ;;
drills) requirements="requirements-test.txt" purpose=test scanner=clamav-daemon office=libreoffice-calc checker=qpdf ;;
*) echo "deploy/setup.sh takes 'run', 'test' or 'drills', not '$purpose'." >&2 && exit 2 ;;
esac
stamp=.venv/installed-$purpose
unfinished=.venv/unfinished

say() { printf 'KPI Portal: %s\n' "$@"; }

stop() {
    printf 'KPI Portal: %s\n' "$1" >&2
    printf '    %s\n' "${@:2}" >&2
    exit 1
}

find_python() {
    local name
    for name in python3.11 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    stop "ต้องใช้ Python 3.11 ขึ้นไป โปรดติดตั้งด้วยคำสั่ง: apt-get install -y python3" \
        "Python 3.11 or newer is needed; install it with: apt-get install -y python3"
}

# The Debian packages that are not there, one a line: WeasyPrint's libraries, libmagic, venv, and what the tests drive.
missing_packages() {
    local known
    known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
    [[ $known == *'libpango-1.0.so.0 '* ]] || echo libpango-1.0-0
    [[ $known == *'libpangoft2-1.0.so.0 '* ]] || echo libpangoft2-1.0-0
    [[ $known == *'libharfbuzz-subset.so.0 '* ]] || echo libharfbuzz-subset0
    [[ $known == *'libmagic.so.1 '* ]] || echo libmagic1 # the type of a file by its content
    venv_works || "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    [[ $purpose == test ]] || return 0
    [[ -x /usr/bin/chromium ]] || echo chromium
    [[ $known == *'libatomic.so.1 '* ]] || echo libatomic1 # Playwright's driver
    command -v pdftotext >/dev/null || echo poppler-utils
}

install_packages() {
    local root='su -c' apt='apt-get -o DPkg::Lock::Timeout=300 -qq'
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        if command -v sudo >/dev/null; then root='sudo sh -c'; fi
        stop "ขาดแพ็กเกจของระบบ โปรดพิมพ์คำสั่งนี้แล้วเริ่มใหม่ · Debian packages are missing; type this, then start again:" \
            "$root 'apt-get update && apt-get install -y --no-install-recommends $*'"
    fi
    say "กำลังติดตั้งแพ็กเกจของระบบ · installing Debian packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    $apt update </dev/null || true # one broken source must not stop the rest
    $apt install -y --no-install-recommends "$@" </dev/null >/dev/null ||
        stop "ติดตั้งแพ็กเกจไม่สำเร็จ โปรดดูข้อความด้านบน · These packages could not be installed, see the lines above: $*"
}

venv_works() { [[ ! -e $unfinished ]] && .venv/bin/python -c 'import pip' 2>/dev/null; }

fingerprint() {
    { .venv/bin/python -V && cat requirements*.txt deploy/constraints.txt; } 2>/dev/null | sha256sum
}

install_requirements() {
    venv_works || rm -rf .venv # an interrupted installation starts over
    mkdir -p .venv
    touch "$unfinished"
    [[ -x .venv/bin/python ]] || "$python" -m venv .venv ||
        stop "สร้าง .venv ไม่สำเร็จ โปรดดูข้อความด้านบน" "The environment .venv could not be made; see the lines above."
    say "กำลังติดตั้งไลบรารี Python (ครั้งเดียว) · installing the Python packages (once, about a minute)"
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check \
        -r "$requirements" -c deploy/constraints.txt </dev/null ||
        stop "ติดตั้งไลบรารี Python ไม่สำเร็จ โปรดตรวจเครือข่ายแล้วเริ่มใหม่" \
            "The Python packages could not be installed; check the network, then start again."
    fingerprint >"$stamp"
    [[ $purpose == run ]] || cp "$stamp" .venv/installed-run # the tests' packages include those for serving
    rm "$unfinished"
}

python=$(find_python)
mkdir -p var
exec 9>var/setup.lock # two commands started at once install one after the other
flock 9
missing=$(missing_packages)
# shellcheck disable=SC2086 # the names of packages are words
[[ -z $missing ]] || install_packages $missing
if ! venv_works || [[ $(fingerprint) != "$(cat "$stamp" 2>/dev/null)" ]]; then
    install_requirements
fi
if [[ -n ${scanner:-} && ! -x /usr/sbin/clamd ]]; then
    (install_packages "$scanner") || say "ไม่มีโปรแกรมตรวจไวรัส จะข้ามการทดสอบส่วนนั้น · without $scanner, the drills of the virus scan are skipped"
fi
if [[ -n ${office:-} ]] && ! command -v soffice >/dev/null; then
    (install_packages "$office") || say "ไม่มี LibreOffice จะข้ามการทดสอบส่วนนั้น · without $office, the drills of the workbooks are skipped"
fi
if [[ -n ${checker:-} ]] && ! command -v qpdf >/dev/null; then
    (install_packages "$checker") || say "ไม่มี qpdf จะข้ามการตรวจส่วนนั้น · without $checker, the drill that checks PDFs with it is skipped"
fi
