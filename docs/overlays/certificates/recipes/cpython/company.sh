# The certificates that the patched ssl.py loads.
# shellcheck shell=sh
for folder in /out/python/install/lib/python*/; do
    install -m 644 /src/company.pem "$folder"
done
