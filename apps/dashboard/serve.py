"""The dashboard as it is served: every request must be for a name that this machine was asked to go by.

A page of the web whose name is suddenly that of this machine (DNS rebinding) would otherwise read what is shown here.
More names than localhost: --server.address and --browser.serverAddress, as Streamlit has them.
"""

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from streamlit.starlette import App

ours = ["localhost", "127.0.0.1", st.get_option("server.address"), st.get_option("browser.serverAddress")]

app = App(
    "app.py",
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=[name for name in ours if name], www_redirect=False)
    ],
)
