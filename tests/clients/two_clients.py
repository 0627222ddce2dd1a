"""CPython's imaplib against a server: two connections on one mailbox.

Run as `python3 two_clients.py HOST PORT` against a server with the sample messages of the user demo. Each step is named on
stdout; the first that fails ends the run with a traceback and a status that is not 0.
"""

import email
import email.policy
import imaplib
import re
import sys
import threading
import time

HOST, PORT = sys.argv[1], int(sys.argv[2])


def connect():
    """A connection that has logged in."""
    client = imaplib.IMAP4(HOST, PORT, timeout=20)
    client.login("demo", "demo")
    return client


def ok(answer):
    """The data of an answer that has to be OK."""
    kind, data = answer
    assert kind == "OK", answer
    return data


def told(client, name):
    """What came untagged under this name since it was last asked for."""
    _, data = client.response(name)
    return [item.decode() for item in data or [] if item is not None]


def message(n):
    return f"From: imaplib@example.org\r\nSubject: message {n}\r\n\r\nText of message {n}.\r\n".encode()


def step_capabilities():
    client = imaplib.IMAP4(HOST, PORT, timeout=20)
    for name in ["IMAP4REV1", "IDLE", "UIDPLUS", "MOVE", "UNSELECT", "LITERAL+", "SASL-IR"]:
        assert name in client.capabilities, client.capabilities
    ok(client.authenticate("PLAIN", lambda _: b"\0demo\0demo"))
    assert ok(client.namespace()) == [b'(("" "/")) NIL NIL']
    ok(client.enable("CONDSTORE"))
    kind, _ = client.logout()
    assert kind == "BYE", kind


def step_wrong_password():
    client = imaplib.IMAP4(HOST, PORT, timeout=20)
    try:
        client.login("demo", "wrong")
    except imaplib.IMAP4.error as error:
        assert b"AUTHENTICATIONFAILED" in error.args[0], error
    else:
        raise AssertionError("a wrong password was taken")
    client.shutdown()


def step_mailboxes():
    client = connect()
    for name in ["work/open", '"two words"', "Entw&APw-rfe"]:
        ok(client.create(name))
        ok(client.subscribe(name))
    listed = [line.decode() for line in ok(client.list())]
    assert '(\\HasNoChildren) "/" "two words"' in listed, listed
    assert '(\\Noselect \\HasChildren) "/" work' in listed, listed
    assert '() "/" Entw&APw-rfe' in [line.decode() for line in ok(client.lsub())]
    ok(client.rename("work", "play"))
    assert ok(client.status("play/open", "(MESSAGES UIDNEXT)")) == [b"play/open (MESSAGES 0 UIDNEXT 1)"]
    for name in ["play/open", "play", '"two words"', "Entw&APw-rfe"]:
        ok(client.delete(name))
    assert [line.decode().split()[-1] for line in ok(client.list())] == ["INBOX"]
    client.logout()


def step_sections_are_those_of_the_email_package():
    client = connect()
    count = int(ok(client.select("INBOX", readonly=True))[0])
    assert count == 6, count
    for number in range(1, count + 1):
        whole = ok(client.fetch(str(number), "(BODY.PEEK[])"))[0][1]
        compare(client, number, "", email.message_from_bytes(whole, policy=email.policy.compat32))
    client.logout()


def compare(client, number, path, part):
    """Every leaf below this part has, as a section, the payload that the email package finds."""
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for at, inner in enumerate(part.get_payload(), 1):
            compare(client, number, f"{path}.{at}".lstrip("."), inner)
    elif part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        header = ok(client.fetch(str(number), f"(BODY.PEEK[{path}.HEADER])"))[0][1]
        assert email.message_from_bytes(header).items() == inner.items(), header
        deeper = inner.get_content_maintype() == "multipart"
        compare(client, number, path if deeper else f"{path}.1", inner)
    else:
        section = path or "1"
        shown = ok(client.fetch(str(number), f"(BODY.PEEK[{section}])"))[0]
        shown = shown[1] if isinstance(shown, tuple) else b""
        payload = part.get_payload(decode=False).encode("utf-8", "surrogateescape")
        assert shown.splitlines() == payload.splitlines(), (number, section, shown, payload)


def step_one_expunges_what_the_other_looks_at():
    first, second = connect(), connect()
    ok(first.create("shared"))
    for n in range(1, 8):
        date = imaplib.Time2Internaldate(time.time())
        ok(first.append("shared", r"(\Seen)" if n == 1 else None, date, message(n)))
    assert ok(first.select("shared")) == [b"7"]
    assert ok(second.select("shared")) == [b"7"]
    assert told(first, "UIDVALIDITY") == told(second, "UIDVALIDITY")
    ok(first.store("4:7", "+FLAGS.SILENT", r"(\Deleted)"))
    assert ok(first.expunge()) == [b"4"] * 4

    # The second has not been told: what it knows by number is still there.
    found = ok(second.fetch("4:7", "(UID BODY.PEEK[TEXT])"))
    texts = [item[1] for item in found if isinstance(item, tuple)]
    assert texts == [f"Text of message {n}.\r\n".encode() for n in range(4, 8)], texts
    assert told(second, "EXPUNGE") == []
    assert ok(second.search(None, "ALL")) == [b"1 2 3"]
    ok(second.noop())
    assert told(second, "EXPUNGE") == ["4"] * 4
    assert told(second, "EXISTS")[-1] == "3"
    try:
        second.fetch("4", "(UID)")
    except imaplib.IMAP4.error as error:
        assert "BAD" in str(error), error
    else:
        raise AssertionError("a message that is gone was found")

    # Flags that one sets, the other is told.
    ok(second.uid("STORE", "2", "+FLAGS", r"(\Flagged $Important)"))
    ok(first.noop())
    assert any(r"\Flagged $Important" in line for line in told(first, "FETCH")), "flags are not told"

    # One moves, the other sees it go; COPYUID says where to.
    ok(second.create("elsewhere"))
    ok(second.uid("MOVE", "1", "elsewhere"))
    assert re.fullmatch(r"\d+ 1 1", told(second, "COPYUID")[0])
    ok(first.noop())
    assert told(first, "EXPUNGE") == ["1"]
    ok(first.copy("1:2", "elsewhere"))
    assert ok(first.status("elsewhere", "(MESSAGES)")) == [b"elsewhere (MESSAGES 3)"]

    # A mailbox that one deletes stays with the other until it leaves.
    ok(first.close())
    ok(first.delete("shared"))
    assert len([item for item in ok(second.fetch("1:*", "(RFC822)")) if isinstance(item, tuple)]) == 2
    kind, data = first.create("shared")
    assert kind == "NO" and b"[INUSE]" in data[0], data
    ok(second.close())
    ok(first.create("shared"))
    for name in ["shared", "elsewhere"]:
        ok(first.delete(name))
    first.logout()
    second.logout()


def step_two_at_once():
    """Both append, flag and expunge as fast as they can; nothing gets lost, and in the end both see the same."""
    rounds, failures = 40, []
    main = connect()
    ok(main.create("busy"))

    def work(who):
        try:
            client = connect()
            ok(client.select("busy"))
            for n in range(rounds):
                ok(client.append("busy", None, None, message(f"{who}-{n}")))
                mine = ok(client.uid("SEARCH", None, f'SUBJECT "message {who}-{n}"'))[0].split()
                assert len(mine) == 1, (who, n, mine)
                found = ok(client.uid("FETCH", mine[0].decode(), "(BODY.PEEK[TEXT])"))
                # What the other does to flags may be told on the way (RFC 3501 section 5.2).
                texts = [item[1] for item in found if isinstance(item, tuple)]
                assert texts == [f"Text of message {who}-{n}.\r\n".encode()], found
                if n % 2:
                    ok(client.uid("STORE", mine[0].decode(), "+FLAGS.SILENT", r"(\Deleted)"))
                    ok(client.uid("EXPUNGE", mine[0].decode()))
            client.logout()
        except Exception as failure:  # pylint: disable=broad-except
            failures.append((who, failure))

    threads = [threading.Thread(target=work, args=(who,)) for who in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    assert ok(main.select("busy")) == [str(rounds).encode()]
    subjects = ok(main.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
    names = sorted(item[1].decode().split()[-1] for item in subjects if isinstance(item, tuple))
    assert names == sorted(f"{who}-{n}" for who in "ab" for n in range(0, rounds, 2)), names
    ok(main.close())
    ok(main.delete("busy"))
    main.logout()


for name, step in list(globals().items()):
    if name.startswith("step_"):
        print(name.removeprefix("step_").replace("_", " "), flush=True)
        step()
print("all steps passed", flush=True)
