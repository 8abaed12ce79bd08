"""Serves the files of a folder, with one fault for each first part of the address: /FAULT/KEY/NAME.

Standard library only, and sockets by hand, since the faults are what an HTTP library would not send. Prints one line,
"HTTP-PORT HTTPS-PORT FOLDER" (port 0 where openssl is missing): the folder is a temporary one, for the files to serve
and for requests.log, with a line "FAULT KEY RANGE" per request. Ends, and removes the folder, when its standard input
does, which is when the process that started it does.

    python3 fault_server.py
"""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

folder = tempfile.mkdtemp(prefix="graft-faults-")
log_path = os.path.join(folder, "requests.log")
lock = threading.Lock()
counts = {}


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            return None, {}
        data += piece
    lines = data.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return lines[0].split(" ")[1], {name.lower(): value for name, value in headers.items()}


def answer(connection, status, headers, body=b""):
    lines = ["HTTP/1.1 " + status, "Connection: close"] + headers
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def whole(connection, body, headers=()):
    answer(connection, "200 OK", ["Content-Length: %d" % len(body), *headers], body)


def cut(connection, body, at):
    answer(connection, "200 OK", ["Content-Length: %d" % len(body), 'ETag: "one"'], body[:at])


def resume(connection, body, headers):
    start = int(headers["range"].removeprefix("bytes=").removesuffix("-"))
    content_range = "Content-Range: bytes %d-%d/%d" % (start, len(body) - 1, len(body))
    answer(connection, "206 Partial Content", ["Content-Length: %d" % (len(body) - start), content_range], body[start:])


def handle(connection):
    path, headers = read_request(connection)
    if path is None:
        return
    fault, key, name = path.strip("/").split("/")
    with lock:
        attempt = counts[(fault, key)] = counts.get((fault, key), 0) + 1
        with open(log_path, "a") as log:
            log.write("%s %s %s\n" % (fault, key, headers.get("range", "-")))
    with open(os.path.join(folder, name), "rb") as file:
        body = file.read()
    half = len(body) // 2
    here = "http://%s" % headers.get("host", "")
    if fault == "good":
        whole(connection, body)
    elif fault == "cut":
        cut(connection, body, half)
    elif fault == "cut-once":
        cut(connection, body, half) if attempt == 1 else resume(connection, body, headers)
    elif fault == "range-ignored":
        cut(connection, body, half) if attempt == 1 else whole(connection, body)
    elif fault == "range-wrong":
        if attempt == 1:
            cut(connection, body, half)
        elif "range" in headers:
            content_range = "Content-Range: bytes 0-%d/%d" % (len(body) - 1, len(body))
            answer(connection, "206 Partial Content", ["Content-Length: %d" % len(body), content_range], body)
        else:
            whole(connection, body)
    elif fault == "changed":
        if attempt == 1:
            cut(connection, body[:20] + b"?" + body[21:], half)
        elif "range" in headers:
            resume(connection, body, headers)
        else:
            whole(connection, body)
    elif fault == "not-resumable":
        if attempt == 1:
            cut(connection, body, half)
        elif "range" in headers:
            answer(connection, "416 Range Not Satisfiable", ["Content-Length: 0"])
        else:
            whole(connection, body)
    elif fault == "short":
        whole(connection, body[:half])
    elif fault == "long-claim":
        answer(connection, "200 OK", ["Content-Length: %d" % (len(body) + 1000)], body)
    elif fault == "no-length":
        answer(connection, "200 OK", [], body)
    elif fault == "wrong-hash":
        whole(connection, body[:-1] + bytes([body[-1] ^ 1]))
    elif fault == "oversize":
        answer(connection, "200 OK", [], body)
        for _ in range(100_000):
            connection.sendall(bytes(4096))
    elif fault == "html":
        whole(connection, b"\n<!doctype html><title>Welcome to Hotel Wi-Fi</title>", ["Content-Type: text/html"])
    elif fault == "packed-twice":
        whole(connection, body, ["Content-Encoding: gzip"])
    elif fault == "not-found":
        answer(connection, "404 Not Found", ["Content-Length: 9"], b"not here\n")
    elif fault == "forbidden":
        answer(connection, "403 Forbidden", ["Content-Length: 0"])
    elif fault == "redirected":
        answer(connection, "302 Found", ["Location: %s/good/%s/%s" % (here, key, name), "Content-Length: 0"])
    elif fault == "redirect-loop":
        answer(connection, "302 Found", ["Location: %s%s" % (here, path), "Content-Length: 0"])
    elif fault == "redirect-http":
        answer(connection, "301 Moved Permanently", ["Location: http://example.com/x.gz", "Content-Length: 0"])
    elif fault == "redirect-file":
        answer(connection, "301 Moved Permanently", ["Location: file:///etc/passwd", "Content-Length: 0"])
    elif fault == "error-once":
        if attempt == 1:
            answer(connection, "500 Internal Server Error", ["Content-Length: 0"])
        else:
            whole(connection, body)
    elif fault == "error":
        answer(connection, "503 Service Unavailable", ["Content-Length: 0"])
    elif fault == "busy-once":
        if attempt == 1:
            answer(connection, "429 Too Many Requests", ["Retry-After: 7", "Content-Length: 0"])
        else:
            whole(connection, body)
    elif fault == "busy":
        answer(connection, "429 Too Many Requests", ["Retry-After: 3600", "Content-Length: 0"])
    elif fault == "stall":
        answer(connection, "200 OK", ["Content-Length: %d" % len(body)], body[:half])
        connection.recv(1)
    elif fault == "silent":
        connection.recv(1)
    elif fault == "drip":
        answer(connection, "200 OK", ["Content-Length: %d" % len(body)])
        for byte in body:
            connection.sendall(bytes([byte]))
            time.sleep(0.01)
    elif fault == "closed":
        pass
    elif fault == "banana":
        connection.sendall(b"banana banana banana\r\n\r\n")
    else:
        answer(connection, "400 Bad Request", ["Content-Length: 0"])


def serve(connection, context):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        handle(connection)
    except (OSError, ValueError):
        pass  # The client went away, refused the certificate, or asked for nothing we know: all are tested.
    finally:
        connection.close()


def listen(context=None):
    server = socket.create_server(("127.0.0.1", 0), backlog=64)

    def accept():
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection, context), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def self_signed():
    with tempfile.TemporaryDirectory() as scratch:
        key, certificate = os.path.join(scratch, "key"), os.path.join(scratch, "certificate")
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1".split()
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
        try:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


context = self_signed()
print(listen(), listen(context) if context else 0, folder, flush=True)
sys.stdin.read()
shutil.rmtree(folder, ignore_errors=True)
