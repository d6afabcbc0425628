# SPDX-License-Identifier: GPL-2.0-or-later
"""A node that listens for TLS, too, with a certificate that it signed itself."""
import socket
import ssl
import subprocess

from kamailio import free_port


class Tls:
    """head and more: for start(), beside the module tls"""
    def __init__(self, folder):
        key, certificate, settings = folder / "key.pem", folder / "certificate.pem", folder / "tls.cfg"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        settings.write_text(
            f"[server:default]\nmethod = TLSv1.2+\nprivate_key = {key}\ncertificate = {certificate}\n")
        self.port = free_port(socket.SOCK_STREAM)
        self.head = f"enable_tls=yes\nlisten=tls:127.0.0.1:{self.port}\n"
        self.more = f'modparam("tls", "config", "{settings}")\n'
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
