"""The tables of the audit: what generated code may import, name and call, and the rules' texts."""

from __future__ import annotations

# Rule → (what it forbids, what to do instead). The policy page of the documentation is made of this.
RULES: dict[str, tuple[str, str]] = {
    "POET-A001": ("text that is not plain UTF-8, or hides characters", "Write plain text."),
    "POET-A002": ("text over the limits of size, depth or number of nodes", "Write less."),
    "POET-A003": ("syntax that the audit does not know", "Use plain statements."),
    "POET-A004": ("identifiers that are not ASCII", "Use ASCII names."),
    "POET-A101": ("an import that the original's module does not have",
                  "Use what the original imports, the safe standard library and the toolkit."),
    "POET-A102": ("a relative or star import", "Import each name."),
    "POET-A103": ("a name that poet.enhanced does not offer", "See its documentation."),
    "POET-A104": ("a part of a module that is not for generated code",
                  "Use the documented functions of the module."),
    "POET-A105": ("a module used as a value", "Call its functions directly."),
    "POET-A201": ("a built-in that runs text, reaches into the interpreter or asks the user",
                  "Write the code itself."),
    "POET-A202": ("getattr, hasattr, attrgetter or methodcaller with a name that is not a plain "
                  "literal", "Write value.name."),
    "POET-A203": ("a double-underscore or frame attribute", "There is always a plainer way."),
    "POET-A204": ("a private attribute of something else", "Use its public interface."),
    "POET-A205": ("str.format on text that is not a literal, or fields that reach into attributes",
                  "Use an f-string."),
    "POET-A206": ("text that names interpreter internals", "Leave it out."),
    "POET-A301": ("changing something that was imported", "Keep state in params or in own names."),
    "POET-A302": ("changing the state of the whole process", "Leave it to the application."),
    "POET-A303": ("a class with hooks into the interpreter", "Use plain methods."),
    "POET-A304": ("a value type that lies about comparison or text", "Return plain values."),
    "POET-A305": ("hiding a built-in or an imported name", "Choose another name."),
    "POET-A401": ("opening a file that the original does not open", "Ask for a grant: fs.read:, fs.write:."),
    "POET-A402": ("reading an environment variable that the original does not read",
                  "Ask for a grant: env:NAME."),
    "POET-A403": ("a host that the original does not name", "Ask for a grant: net:host."),
    "POET-A404": ("an argument that switches a protection off", "Leave it on."),
    "POET-A405": ("starting a process or thread", "Ask for a grant: process, thread."),
    "POET-A406": ("printing, where the original prints nothing", "Use flag(…) from poet.enhanced."),
    "POET-A407": ("file functions of a data library", "Let the original read and write."),
    "POET-A501": ("swallowing exceptions that the caller must see", "Catch what you handle, and raise the rest."),
    "POET-A502": ("ending the process", "Raise an error."),
}  # fmt: skip

MOST_BYTES = 200_000
MOST_NODES = 20_000
MOST_DEPTH = 80

SAFE_MODULES = frozenset(
    """
    math cmath statistics decimal fractions numbers random itertools functools operator collections
    collections.abc heapq bisect json re string textwrap datetime time zoneinfo calendar dataclasses
    enum typing abc copy contextlib uuid hashlib hmac base64 binascii html unicodedata difflib
    urllib.parse ipaddress graphlib array struct email.utils secrets logging warnings asyncio
    concurrent.futures threading io os os.path sys types codecs ast traceback csv pprint colorsys
    stringprep typing_extensions __future__ contextvars queue inspect http urllib.error pathlib
    keyword weakref
    """.split()
)

# Modules that hold both harmless and dangerous things: only these names of them.
ALLOWED_PARTS: dict[str, frozenset[str]] = {
    name: frozenset(parts.split())
    for name, parts in {
        "os": "path fspath sep linesep environ getenv cpu_count PathLike altsep extsep pathsep curdir",
        "os.path": "join basename dirname splitext split normpath isabs commonpath commonprefix sep "
                   "expanduser abspath",
        "sys": "maxsize float_info version_info byteorder int_info hash_info getsizeof platform "
               "getrecursionlimit",
        "io": "StringIO BytesIO TextIOWrapper",
        "asyncio": "sleep wait_for gather timeout TimeoutError CancelledError Lock Semaphore Event "
                   "create_task to_thread shield wait as_completed Queue Task Future TaskGroup "
                   "FIRST_COMPLETED FIRST_EXCEPTION ALL_COMPLETED iscoroutinefunction iscoroutine "
                   "get_running_loop current_task timeout_at BoundedSemaphore QueueEmpty QueueFull "
                   "isfuture InvalidStateError IncompleteReadError",
        "threading": "Lock RLock Semaphore BoundedSemaphore Event Condition local current_thread "
                     "get_ident Barrier",
        "concurrent.futures": "ThreadPoolExecutor TimeoutError as_completed wait Future "
                              "FIRST_COMPLETED FIRST_EXCEPTION ALL_COMPLETED CancelledError",
        "logging": "getLogger Logger LoggerAdapter DEBUG INFO WARNING ERROR CRITICAL NullHandler "
                   "debug info warning error exception critical log",
        "warnings": "warn catch_warnings",
        "codecs": "BOM_UTF8 lookup_error",
        "types": "MappingProxyType SimpleNamespace NoneType GenericAlias UnionType TracebackType",
        "ast": "literal_eval",
        "traceback": "format_exc format_exception format_exception_only",
        "inspect": "isawaitable iscoroutine iscoroutinefunction isgenerator isclass isfunction",
        "weakref": "ref WeakKeyDictionary WeakValueDictionary",
        "pathlib": "Path PurePath PurePosixPath PureWindowsPath PosixPath",
        "random": "Random SystemRandom random uniform randint choice choices sample randrange gauss "
                  "expovariate betavariate normalvariate triangular",
        "time": "time monotonic perf_counter time_ns monotonic_ns perf_counter_ns sleep strftime "
                "strptime gmtime localtime mktime struct_time process_time",
        "secrets": "token_hex token_urlsafe token_bytes compare_digest choice randbelow",
        "uuid": "UUID uuid4 uuid5 uuid3 NAMESPACE_DNS NAMESPACE_URL uuid1",
        "http": "HTTPStatus HTTPMethod",
        "copy": "copy deepcopy replace",
        "contextvars": "ContextVar copy_context Token",
        "functools": "wraps lru_cache cache partial reduce cmp_to_key singledispatch total_ordering "
                     "cached_property partialmethod",
        "csv": "reader writer DictReader DictWriter QUOTE_ALL QUOTE_MINIMAL Error Sniffer",
    }.items()
}  # fmt: skip

# Modules that are never a plain value's home: importing one needs the original to import it too.
PROCESS_MODULES = frozenset({"subprocess", "multiprocessing", "pty", "signal", "ctypes", "socket"})
# These may be used only as far as the original's own text uses them, even when it imports them.
ONLY_AS_ORIGINAL = frozenset(
    """
    os sys subprocess multiprocessing shutil socket ctypes signal importlib builtins gc inspect
    pickle marshal shelve dill cloudpickle joblib pty tempfile glob fileinput runpy code codeop
    threading atexit faulthandler resource mmap fcntl ssl smtplib ftplib telnetlib webbrowser
    sqlite3 types tracemalloc _thread zipimport pkgutil site sysconfig platform pdb bdb trace
    """.split()
)

FORBIDDEN_BUILTINS = frozenset(
    """
    eval exec compile __import__ globals locals vars dir breakpoint input setattr delattr help exit
    quit copyright credits license __build_class__ __loader__ __spec__ __builtins__ memoryview
    """.split()
) - {"memoryview"}  # fmt: skip
BUILTINS_ONLY_CALLED = frozenset({"getattr", "hasattr", "type", "open", "print", "super", "object"})

ALLOWED_DUNDERS = frozenset(
    """
    __name__ __qualname__ __doc__ __class__ __len__ __iter__ __next__ __annotations__ __cause__
    __context__ __notes__ __traceback__ __version__ __members__
    """.split()
) - {"__traceback__", "__annotations__"}  # fmt: skip
ALLOWED_METHODS = frozenset(
    """
    __init__ __post_init__ __repr__ __str__ __len__ __iter__ __next__ __enter__ __exit__ __call__
    __aenter__ __aexit__ __aiter__ __anext__ __getitem__ __contains__ __bool__ __missing__
    """.split()
)
FRAME_ATTRIBUTES = frozenset(
    """
    gi_frame gi_code gi_yieldfrom cr_frame cr_code cr_origin ag_frame ag_code f_globals f_locals
    f_back f_builtins f_code f_trace f_lineno tb_frame tb_next tb_lasti func_globals func_code
    func_defaults co_code co_consts co_names mro modules settrace setprofile
    """.split()
)
VALUE_TYPES = frozenset(
    "int float str bytes bool complex list dict set frozenset tuple bytearray type object "
    "Decimal Fraction datetime date".split()
) - {"object"}  # fmt: skip
PUBLIC_UNDERSCORED = frozenset({"_replace", "_asdict", "_fields", "_make", "_field_defaults"})

# Attributes that read, write or run something, whatever object they are found on; allowed where
# the original's module uses the same attribute.
WATCHED_ATTRIBUTES = frozenset(
    """
    system popen fork execv execve spawnl spawnv kill killpg tofile fromfile memmap to_pickle
    read_pickle to_csv to_parquet to_excel to_sql to_hdf to_feather to_json_file read_csv read_json
    read_parquet read_excel read_sql read_hdf read_feather read_html read_xml read_table read_fwf
    savez savez_compressed savetxt loadtxt genfromtxt ctypeslib DataSource load_library eval query
    loadmat savemat write_text write_bytes unlink rmdir rename replace_file symlink_to hardlink_to
    chmod touch mkdir read_text read_bytes iterdir rglob executescript load_extension
    enable_load_extension set_trace add_done_callback call_soon_threadsafe run_in_executor
    set_event_loop set_event_loop_policy add_signal_handler addHandler removeHandler setLevel
    addFilter setLoggerClass basicConfig disable captureWarnings simplefilter filterwarnings
    resetwarnings seterr seterrcall set_printoptions setdefaulttimeout set_option seed set_state
    setstate __dict__ finalize register connect_ex sendto bind listen create_subprocess_exec
    create_subprocess_shell startfile putenv unsetenv chdir umask setrlimit disable_warnings
    urlretrieve install_opener set_start_method reload import_module load_module exec_module
    getsource getmembers currentframe stack _getframe getouterframes get_objects get_referrers
    get_referents setrecursionlimit setswitchinterval excepthook displayhook addaudithook exitfuncs
    """.split()
)
WATCHED_KEYWORDS = frozenset(
    {("verify", "False"), ("shell", "True"), ("allow_pickle", "True"), ("check_hostname", "False"),
     ("ssl", "False"), ("trust_env", "True"), ("allow_redirects", "True"), ("verify_ssl", "False")}
) - {("allow_redirects", "True"), ("trust_env", "True")}  # fmt: skip
# Names of standard modules that are also names of something harmless inside another module.
NOT_A_MODULE = frozenset(
    """
    datetime.datetime time.time copy.copy random.random glob.glob pprint.pprint string.string
    calendar.calendar decimal.decimal numpy.random scipy.signal scipy.stats.statistics
    urllib.parse os.path concurrent.futures collections.abc array.array uuid.uuid dataclasses.copy
    poet.enhanced queue.queue bisect.bisect statistics.statistics datetime.time numpy.array
    pandas.array fractions.fractions select.select email.utils http.client math.cmath
    datetime.datetime.time datetime.time.time logging.warning requests.status_codes
    """.split()
)
HARMLESS_LAST = frozenset("time copy random select array code test this queue string types".split())
